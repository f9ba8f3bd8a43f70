# step: notebooks
COPY notebooks/ /srv/notebooks/
