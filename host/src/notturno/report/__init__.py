"""The doctor's report: two pages as a PDF for the archive, and its figures as JSON.

`contents.contents` collects every figure, from `views` and `scoring`; `page` says them in the
language that is spoken; `pdf` sets both pages with typst. Nothing here makes a figure of its own.
"""
