"""The panels for JupyterLab, one a module. Their parts lie in `parts`, their scripts in `js`, their styles in `css`.

All are anywidgets or made of ipywidgets; nothing here is imported before it is asked for.
"""
