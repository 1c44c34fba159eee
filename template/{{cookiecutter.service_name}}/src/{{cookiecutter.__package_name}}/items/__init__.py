"""Items: one complete module of model, interface and controller."""
