# One image for web and worker. torch comes from the CPU index that the build argument names; a GPU worker leaves it out.
FROM python:3.11-slim-bookworm

ARG TORCH_INDEX=
ENV PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=webapp.settings.production DERMINO_VAR=/var/lib/dermino

WORKDIR /srv/dermino
COPY requirements.txt .
RUN grep -E '^(torch|torchvision)==' requirements.txt > torch.txt \
    && if [ -n "$TORCH_INDEX" ]; then pip install --no-cache-dir --no-compile --index-url "$TORCH_INDEX" -r torch.txt; fi \
    && pip install --no-cache-dir --no-compile -r requirements.txt

RUN useradd --system --create-home --home-dir /var/lib/dermino --uid 10001 dermino
COPY . .
# Static files are part of the image. These values serve this one command; nothing listens.
RUN DERMINO_VAR=/srv/dermino/built SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=sqlite:////tmp/build.sqlite3 \
    TRUTH_DATABASE_URL=none REDIS_URL=redis://build python manage.py collectstatic --noinput --verbosity 0
ENV DERMINO_STATIC=/srv/dermino/built/static

USER 10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "2", "--no-ws", "webapp.wsgi:application"]
