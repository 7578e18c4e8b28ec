"""What is in the data and who may reuse it: coverage, releases and their differences, files, dictionary, terms.

Pages of plain HTML, drawn from the same answers as everything else, and the files that go with them below `/api/v1`.
"""
