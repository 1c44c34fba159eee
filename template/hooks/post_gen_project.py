"""Says what to do next. Installs nothing and needs no network."""

print("\nNext:\n  cd {{ cookiecutter.service_name }}\n  make bootstrap-dev && make gate\n")
