"""Settings of alerts, health and the remote trigger."""

from __future__ import annotations

from pydantic import SecretStr

from mediaflow_assets.core.options import CommaList, OptionGroup, env


class OperationSettings(OptionGroup):
    """Alerts, health thresholds, remote trigger."""

    alert_url: SecretStr | None = env(
        "ALERT_URL", default=None, doc="A JSON message is posted here when a project is finished or fails."
    )
    alert_timeout: float = env("ALERT_TIMEOUT", default=10, gt=0, le=20, doc="Seconds for one attempt to post.")
    email_from: str | None = env("ALERT_EMAIL_FROM", default=None, doc="Sender of failure e-mails; unset means none.")
    email_to: CommaList = env("ALERT_EMAIL_TO", default=(), doc="Receivers of failure e-mails, comma-separated.")
    smtp_host: str = env("ALERT_SMTP_HOST", default="localhost", doc="Mail server.")
    smtp_port: int = env("ALERT_SMTP_PORT", default=465, ge=1, le=65535, doc="Port of the mail server (SSL).")
    smtp_user: str | None = env("ALERT_SMTP_USER", default=None, doc="Mail account (default: the sender).")
    smtp_password: SecretStr | None = env("ALERT_SMTP_PASSWORD", default=None, doc="Password of the mail account.")

    cpu_warning: int = env(
        "HEALTH_CPU_PERCENT",
        default=101,
        ge=1,
        le=101,
        doc="CPU use worth an alert (%); 101 is never, for a machine that converts video is busy.",
    )
    memory_warning: int = env("HEALTH_MEMORY_PERCENT", default=90, ge=1, le=101, doc="Memory use worth an alert (%).")
    disk_warning: int = env("HEALTH_DISK_PERCENT", default=90, ge=1, le=101, doc="Disk use worth an alert (%).")
    gpu_temperature_warning: int = env(
        "HEALTH_GPU_CELSIUS", default=85, ge=1, le=150, doc="GPU temperature worth an alert."
    )

    code_url: str | None = env(
        "CODE_REPOSITORY_URL",
        default=None,
        pattern=r"^https://",
        doc="Where this code is published (GitHub or GitLab): nodes in the UI then link to their lines there.",
    )

    remote_trigger_url: str | None = env(
        "REMOTE_TRIGGER_URL", default=None, doc="Polled for start commands; unset means that the remote trigger is off."
    )
    remote_trigger_token: SecretStr | None = env(
        "REMOTE_TRIGGER_TOKEN", default=None, doc="Sent to, and expected back from, REMOTE_TRIGGER_URL."
    )
