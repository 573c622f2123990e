# The server, as an ordinary user, against a PostgreSQL given by YISHU_DATABASE_URL (or its own, under /data).
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/yishu && /opt/yishu/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY schema schema
COPY resolvers resolvers
COPY policies policies
COPY audit audit
COPY pool pool
COPY migrations migrations
RUN /opt/yishu/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /data --uid 10001 yishu
COPY --from=build /opt/yishu /opt/yishu
ENV PATH=/opt/yishu/bin:$PATH YISHU_HOME=/data PYTHONUNBUFFERED=1
USER yishu
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["yishu"]
CMD ["serve", "--host", "0.0.0.0", "--workers", "2"]
