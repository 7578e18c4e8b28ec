"""Small programs that the Makefile calls; nothing in dashboard/ imports them."""
