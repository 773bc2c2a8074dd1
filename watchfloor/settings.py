"""The one settings file. Everything that can be set is an environment variable (`docs/operating.md` lists them);
with nothing set, Watchfloor runs on SQLite in `./var` with a key that it makes itself."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from watchfloor.lib import environment as env

ROOT = Path(__file__).resolve().parent.parent
DATA = env.folder("WATCHFLOOR_DATA", Path.cwd() / "var", "The folder for the database, the key and imports.")
PORT = env.whole_number("WATCHFLOOR_PORT", 8000, "The port that pages are served on.", at_least=1, at_most=65535)
HOST = env.words("WATCHFLOOR_HOST", "127.0.0.1", "The address that pages are served on.")
DEMO = env.yes_or_no("WATCHFLOOR_DEMO", True, "Play the rehearsal on the first start.")
DEBUG = env.yes_or_no("WATCHFLOOR_DEBUG", False, "Show what went wrong on the page. Never on a server others reach.")
PUBLIC_URL = env.words("WATCHFLOOR_URL", "", "The address people use, such as https://watch.example.org.").rstrip("/")


def _secret_key() -> str:
    """WATCHFLOOR_SECRET_KEY, else the key in DATA/secret_key, made at the first start for the owner alone."""
    given = env.secret("WATCHFLOOR_SECRET_KEY", "Signs sessions and encrypts secrets. At least 32 characters.")
    if given is not None:
        if len(given) < 32 or len(set(given)) < 8:
            raise env.SettingRefused("WATCHFLOOR_SECRET_KEY", "…", "at least 32 characters that nobody can guess")
        return given
    file = DATA / "secret_key"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(48))
            new.flush()
            os.fsync(new.fileno())
    except FileExistsError:
        pass
    held = file.read_text().strip()
    if len(held) < 32:
        raise env.SettingRefused(str(file), "…", "at least 32 characters; delete the file to have a new key made")
    return held


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = list(
    env.several("WATCHFLOOR_OLD_SECRET_KEYS", "Earlier keys, so that a new key signs nobody out and loses no secret.")
)

# --- Who may reach it ----------------------------------------------------------------------------------------------

ALLOWED_HOSTS = [
    *env.several(
        "WATCHFLOOR_HOSTS", "Host names that pages answer to, besides the one of WATCHFLOOR_URL and loopback."
    ),
    "127.0.0.1",
    "localhost",
    "[::1]",
]
HTTPS = PUBLIC_URL.startswith("https://")
if PUBLIC_URL:
    ALLOWED_HOSTS.append(PUBLIC_URL.split("://", 1)[-1].split("/")[0].rsplit(":", 1)[0])
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES = env.several(
    "WATCHFLOOR_PROXIES", "Addresses of proxies whose X-Forwarded-For and -Proto are believed."
)
METRICS_TOKEN = env.secret("WATCHFLOOR_METRICS_TOKEN", "Opens /metrics to other machines, as a bearer token.")
ALLOW_ADDRESSES = env.several(
    "WATCHFLOOR_ALLOW_ADDRESSES", "host:port pairs on private networks that sources may reach. Empty by default."
)

# --- The house -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "watchfloor.panels",
    "watchfloor.team",
    "watchfloor.live",
    "watchfloor.sources",
    "watchfloor.listening",
    "watchfloor.mentions",
    "watchfloor.pipeline",
    "watchfloor.missions",
    "watchfloor.wall",
    "watchfloor.web",
    # After ours: whose template comes first is used, and the pages of sign-in are our own.
    "allauth",
    "allauth.account",
]

MIDDLEWARE = [
    "watchfloor.web.middleware.TrustedProxies",
    "django.middleware.security.SecurityMiddleware",
    "watchfloor.web.static.ServeFiles",
    "csp.middleware.CSPMiddleware",
    "watchfloor.web.middleware.ProblemsForPrograms",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "watchfloor.team.sign_in.RenewedSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "watchfloor.web.middleware.PersonsZone",
]

ROOT_URLCONF = "watchfloor.urls"
ASGI_APPLICATION = "watchfloor.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "watchfloor.web.shell.shell",
            ],
            "builtins": ["watchfloor.web.templatetags.wf", "watchfloor.panels.templatetags.figures"],
        },
    }
]

DATABASES = {
    "default": env.database(
        "DATABASE_URL", DATA / "watchfloor.sqlite3", "Where everything is stored; SQLite in ./var unless set."
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Sign-in -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "team.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "watchfloor.team.sign_in.NobodyRegistersAlone"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
SIGN_IN_LINK_LASTS = timedelta(hours=24)

SESSION_COOKIE_NAME = "watchfloor"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "watchfloor_csrf"
CSRF_COOKIE_HTTPONLY = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # TrustedProxies takes it from everyone else
SECURE_SSL_REDIRECT = False  # the proxy in front speaks HTTPS; W008 is answered in docs/operating.md
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",
    "security.W008",
    "security.W021",
]  # decided by the proxy; see docs/operating.md

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- Words, time, files --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_FINDERS = ["watchfloor.web.static.NpmFiles", "django.contrib.staticfiles.finders.AppDirectoriesFinder"]
WHITENOISE_USE_FINDERS = True  # served from where they are: nothing to collect
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 365 * 24 * 3600  # every address carries a hash of the file
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "watchfloor.web.static.PickedFiles"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "watchfloor.lib.logs.KeyedLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": env.words("WATCHFLOOR_LOG_LEVEL", "INFO", "How much is logged.").upper(),
    },
    "loggers": {"httpx": {"level": "WARNING"}, "websockets": {"level": "WARNING"}},
}
