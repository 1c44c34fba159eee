"""The family's main job, from a fresh clone: a service from three answers, up and answering."""
