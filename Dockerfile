# The API with its web app, for a PostgreSQL 17 elsewhere: docker-compose.yml has both.

FROM node:20-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /web/dist web/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /flowviz ./cmd/flowviz
# A new volume takes its folder's owner from the image, and the image of nothing has no mkdir.
RUN mkdir /kept

# Nothing but the binary, which carries web app, migrations and time zones, and the authorities that vouch for a database
# reached by TLS.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /flowviz /flowviz
COPY --from=build --chown=65534:65534 /kept /var/lib/flowviz
# The numbers of nobody: there is no /etc/passwd, and Kubernetes' runAsNonRoot wants a number.
USER 65534:65534
# No HEALTHCHECK: it would need a program to ask with, and restarts nothing by itself. Ask /healthz and /readyz from outside.
ENTRYPOINT ["/flowviz"]
CMD ["serve"]
