"""Compare: two to four scopes side by side on one scale, with their differences, on one plain page.

`choice` reads the address, `facts` asks, `differences` subtracts where that may be done, `words` says, `views` puts it
on a page, `export` into a file.
"""
