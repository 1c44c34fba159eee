"""{{ cookiecutter.service_description | docstring }}"""
