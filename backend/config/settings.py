"""Django, Celery and Casefarm settings: every value a server may change comes from the environment (`.env.example`)."""

from os import sched_getaffinity
from pathlib import Path
from socket import TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL

import environ
from kombu import Exchange, Queue

from config.engines import read_installed, read_programs
from config.environment import (
    read_choice,
    read_count,
    read_flag,
    read_folder,
    read_names,
    read_optional_url,
    read_setting,
    read_text,
    read_url,
)
from config.file_storage import make_files_storage, read_storage
from energyplus.engines.machine import default_slots
from pages.caching import add_headers

REPOSITORY = Path(__file__).resolve().parents[2]
if (env_file := REPOSITORY / ".env").is_file():
    environ.Env.read_env(env_file)

# --- where things are -------------------------------------------------------------------------------------
CASEFARM_HOME = read_folder("CASEFARM_HOME", Path("var").resolve())
CASEFARM_FILES = read_folder("CASEFARM_FILES", CASEFARM_HOME / "files")
CASEFARM_SCRATCH = read_folder("CASEFARM_SCRATCH", CASEFARM_HOME / "scratch")
CASEFARM_STORAGE = read_storage("CASEFARM_STORAGE")
CASEFARM_CACHE = read_folder("CASEFARM_CACHE", CASEFARM_HOME / "cache")
CASEFARM_CACHE_GB = read_count("CASEFARM_CACHE_GB", 20)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": make_files_storage(
        CASEFARM_STORAGE,
        endpoint=read_optional_url("CASEFARM_S3_ENDPOINT", ("https", "http"), "https://s3.example.org"),
        region=read_text("CASEFARM_S3_REGION", "", "the name of a region"),
        access_key=read_text("CASEFARM_S3_ACCESS_KEY", "", "an access key"),
        secret_key=read_text("CASEFARM_S3_SECRET_KEY", "", "a secret key"),
    ),
}

# --- the web service --------------------------------------------------------------------------------------
DEBUG = read_flag("CASEFARM_DEBUG", default=False)
SECRET_KEY = read_text("CASEFARM_SECRET_KEY", None, "a long random text (`casefarm up` makes one by itself)")
ALLOWED_HOSTS = read_names("CASEFARM_ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = read_names("CASEFARM_TRUSTED_ORIGINS", [])
CASEFARM_SECURE_COOKIES = read_flag("CASEFARM_SECURE_COOKIES", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CASEFARM_SECURE_COOKIES
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CASEFARM_LISTENERS = read_count("CASEFARM_LISTENERS", 1000)
CASEFARM_LISTENERS_PER_USER = read_count("CASEFARM_LISTENERS_PER_USER", 250)
CASEFARM_UPLOAD_LIMIT_MB = read_count("CASEFARM_UPLOAD_LIMIT_MB", 50)
CASEFARM_MAX_ATTACHMENTS = read_count("CASEFARM_MAX_ATTACHMENTS", 20)
DATA_UPLOAD_MAX_MEMORY_SIZE = CASEFARM_UPLOAD_LIMIT_MB * 1024 * 1024

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "django_celery_beat",
    "django_filters",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
    "servestatic",
    "accounts",
    "filestore",
    "library",
    "batches",
    "surrogates",
    "backups",
    "operations",
    "pages",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = CASEFARM_HOME / "static"
PAGES_DIST = Path(__file__).resolve().parents[1] / "pages" / "dist"  # what Vite builds; see pages/views.py
STATICFILES_DIRS = [("app", PAGES_DIST)] if PAGES_DIST.is_dir() else []
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_ALLOW_ALL_ORIGINS = False
SERVESTATIC_ADD_HEADERS_FUNCTION = add_headers

# --- the database: PostgreSQL, nothing else ---------------------------------------------------------------
# A case at work holds a connection, and its leases now and then another: with fewer, cases would wait for each other.
CASEFARM_SLOTS = CELERY_WORKER_CONCURRENCY = read_count("CASEFARM_SLOTS", default_slots())
DATABASE_URL = read_url("DATABASE_URL", ("postgres", "postgresql"))
DATABASE = environ.Env.db_url_config(DATABASE_URL)
# A machine that is cut off leaves connections that nobody closes: both ends notice within half a minute, so that no
# row stays locked and no thread waits for an answer that cannot come. A process that is only stopped goes on answering
# the kernel's questions; what it holds within a transaction is taken from it after two minutes.
DATABASES = {
    "default": {
        **DATABASE,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {
            "connect_timeout": 10,
            "keepalives": 1,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
            "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
            " -c tcp_user_timeout=25000 -c idle_in_transaction_session_timeout=120000",
            "pool": {"min_size": 0, "max_size": read_count("CASEFARM_DATABASE_POOL", max(16, CASEFARM_SLOTS + 4))},
            **DATABASE.get("OPTIONS", {}),  # sslmode and whatever else the URL says
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the broker: Redis (or Valkey), nothing else ----------------------------------------------------------
REDIS_URL = read_url("REDIS_URL", ("redis", "rediss", "unix"))
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# --- people -----------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {"account_signup": "/login"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
LOGIN_URL = "/login"
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Token", "AUTO_REFRESH": False}

# --- the HTTP API -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "problems.parsers.JsonParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "problems.openapi.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "problems.handler.handle_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UPLOADED_FILES_USE_URL": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Casefarm",
    "DESCRIPTION": "Parametric building-energy simulation on the real EnergyPlus engine.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api",
    "ENUM_NAME_OVERRIDES": {
        "BatchStateEnum": "batches.states.BatchState",
        "CaseStateEnum": "batches.states.CaseState",
        "PriorityEnum": "batches.states.Priority",
        "VerdictEnum": "batches.states.Verdict",
        "CleanUpStateEnum": "batches.states.CleanUpState",
        "CleanUpRuleEnum": "batches.states.CleanUpRule",
        "EngineKindEnum": "energyplus.engines.catalogue.ENGINE_KINDS",
        "ConstructionKindEnum": "energyplus.measures.constructions.CONSTRUCTION_KINDS",
        "SurrogateStateEnum": "surrogates.states.SurrogateState",
        "SurrogateKindEnum": "surrogates.states.WANTED_KINDS",
        "ErrandStateEnum": "surrogates.states.ErrandState",
        "ErrandKindEnum": "surrogates.states.ErrandKind",
        "LayerKindEnum": "energyplus.measures.constructions.LAYER_KINDS",
    },
}

# --- Celery -----------------------------------------------------------------------------------------------
# A case may run as long as CASEFARM_CASE_TIMEOUT_S, a training as long as CASEFARM_SURROGATE_TIME_LIMIT_S; a visibility
# timeout below that would run it twice.
CASEFARM_CASE_TIMEOUT_S = read_count("CASEFARM_CASE_TIMEOUT_S", 3600)
# Seconds that a worker which is told to end gives its cases; what is not done by then goes to another one.
CASEFARM_DRAIN_S = read_count("CASEFARM_DRAIN_S", 30, minimum=0)
CASEFARM_SURROGATE_TIME_LIMIT_S = read_count("CASEFARM_SURROGATE_TIME_LIMIT_S", 3600)
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_REDIS_SOCKET_KEEPALIVE = True
CELERY_RESULT_EXPIRES = 86_400
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TRACK_STARTED = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": max(CASEFARM_CASE_TIMEOUT_S, CASEFARM_SURROGATE_TIME_LIMIT_S) + 600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 10,
    "socket_keepalive": True,  # a broker that is cut off is noticed within half a minute, as the database is
    "socket_keepalive_options": {TCP_KEEPIDLE: 10, TCP_KEEPINTVL: 5, TCP_KEEPCNT: 3},
    # Cases wait by urgency (0 first), and within one level lanes are served in turns: batches/scheduling/lanes.py.
    "priority_steps": [0, 3, 6, 9],
    "sep": "\x06\x16",  # kombu's own; stands here because batches/broker.py reads the lists by their names
    "queue_order_strategy": "round_robin",
}
CASEFARM_LANES = read_count("CASEFARM_LANES", 8)
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name)
    for name in (
        "simulations",
        *(f"simulations-{number:02}" for number in range(CASEFARM_LANES)),
        "aggregation",
        "surrogates",
        "maintenance",
    )
]
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
CELERY_TASK_ROUTES = {
    "batches.simulate_*": {"queue": "simulations"},
    "batches.reconcile_batches": {"queue": "maintenance"},  # not behind the stages that it looks after
    "batches.remove_*": {"queue": "maintenance"},
    "batches.clean_up": {"queue": "maintenance"},
    "batches.*": {"queue": "aggregation"},
    "surrogates.*": {"queue": "surrogates"},
    "operations.*": {"queue": "maintenance"},
    "library.*": {"queue": "maintenance"},
}
CELERY_BEAT_SCHEDULER = "operations.beat:Scheduler"
CELERY_TIMEZONE = TIME_ZONE

# --- the farm ---------------------------------------------------------------------------------------------
CASEFARM_SHARD_SIZE = read_count("CASEFARM_SHARD_SIZE", 250)
CASEFARM_QUEUE_CASES = read_count("CASEFARM_QUEUE_CASES", 16_000)
CASEFARM_FAST_LANE_CASES = read_count("CASEFARM_FAST_LANE_CASES", 10, minimum=0)
CASEFARM_AGEING_MINUTES = read_count("CASEFARM_AGEING_MINUTES", 30)
CASEFARM_QUEUE_BATCHES = read_count("CASEFARM_QUEUE_BATCHES", 10_000, minimum=0)
CASEFARM_REDIS_LIMIT_MB = read_count("CASEFARM_REDIS_LIMIT_MB", 256, minimum=0)
CASEFARM_SANDBOX = read_choice("CASEFARM_SANDBOX", "enforced", ("enforced", "trusted"))
CASEFARM_ENERGYPLUS = read_installed("CASEFARM_ENERGYPLUS")
CASEFARM_PROGRAMS = read_programs("CASEFARM_PROGRAMS")
CASEFARM_CASE_MEMORY_MB = read_count("CASEFARM_CASE_MEMORY_MB", 4096, minimum=512)
CASEFARM_LEAST_FREE_MB = read_count("CASEFARM_LEAST_FREE_MB", 500, minimum=0)
CASEFARM_MAX_CASES = read_count("CASEFARM_MAX_CASES", 1_000_000)

# --- surrogates -------------------------------------------------------------------------------------------
CASEFARM_SURROGATE_THREADS = read_count("CASEFARM_SURROGATE_THREADS", len(sched_getaffinity(0)))
CASEFARM_SURROGATE_DEVICE = read_choice("CASEFARM_SURROGATE_DEVICE", "", ("cpu", "cuda"))  # "": what there is

# --- known cases ------------------------------------------------------------------------------------------
CASEFARM_CASE_CACHE = read_flag("CASEFARM_CASE_CACHE", default=True)
CASEFARM_CASE_CACHE_GB = read_count("CASEFARM_CASE_CACHE_GB", 20)

# --- retention --------------------------------------------------------------------------------------------
CASEFARM_KEEP_DAYS = read_count("CASEFARM_KEEP_DAYS", 90)
CASEFARM_KEEP_GB = read_count("CASEFARM_KEEP_GB", 50)
CASEFARM_KEEP_TASK_HISTORY_DAYS = read_count("CASEFARM_KEEP_TASK_HISTORY_DAYS", 30)
CASEFARM_KEEP_UNUSED_UPLOADS_DAYS = read_count("CASEFARM_KEEP_UNUSED_UPLOADS_DAYS", 30)

# --- quotas of each user; 0 is no limit ---------------------------------------------------------------------
CASEFARM_QUOTA_CASES = read_count("CASEFARM_QUOTA_CASES", 0, minimum=0)
CASEFARM_QUOTA_STORED_GB = read_count("CASEFARM_QUOTA_STORED_GB", 0, minimum=0)
CASEFARM_QUOTA_UPLOADS_MB = read_count("CASEFARM_QUOTA_UPLOADS_MB", 0, minimum=0)

# --- logs -------------------------------------------------------------------------------------------------
CASEFARM_LOG_LEVEL = read_setting("CASEFARM_LOG_LEVEL", str.upper, "INFO", "DEBUG, INFO, WARNING or ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": CASEFARM_LOG_LEVEL},
}
