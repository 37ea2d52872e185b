"""Hands on it: widgets for JupyterLab around the plain functions below. Each module is one widget; see its docstring.

All are anywidgets or made of ipywidgets; nothing here is imported before it is asked for.
"""
