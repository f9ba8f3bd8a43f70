# step: adding the notebooks
COPY notebooks/ /srv/notebooks/
