"""Hands on it: the panels for JupyterLab, one a module. What they are made of lies in `parts`, their scripts in `js`.

All are anywidgets or made of ipywidgets; nothing here is imported before it is asked for.
"""
