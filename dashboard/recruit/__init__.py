"""Before you recruit: one plain page for whoever is about to fill a post.

`choice` reads the address, `facts` asks, `words` says, `record` is for keeping, `views` puts them on a page. It is
drawn on the server from the same answers as everything else and needs no script.
"""
