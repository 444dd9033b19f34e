"""One short script per page: ask dashboard for a frame, draw it, offer a form."""
