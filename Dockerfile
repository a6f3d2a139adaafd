# docker run --rm -v "$PWD:/work" silolint docs
FROM node:22-alpine

ARG VERSION=0.1.0
# git for --since; a mounted folder belongs to somebody else, and git would not read it
RUN apk add --no-cache git \
  && git config --system --add safe.directory '*' \
  && npm install --global --ignore-scripts "silolint@${VERSION}" \
  && npm cache clean --force

USER node
WORKDIR /work
ENTRYPOINT ["silolint"]
CMD ["."]
