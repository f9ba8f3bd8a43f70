# step: installing packages
# Only what is new or has changed, so that the base's layers are shared and this one is no larger than it must be.
COPY --from=packages /build/new/ /
RUN if [ -s /opt/.gone ]; then xargs -d '\n' rm -f </opt/.gone && find /opt -type d -empty -delete; fi \
 && rm /opt/.gone
