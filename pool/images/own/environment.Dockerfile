# Its programs are found after the server's own; its kernels before.
ENV PATH=/opt/venv/bin:/opt/env/bin:${PATH} \
    JUPYTER_PATH=/opt/env/share/jupyter
