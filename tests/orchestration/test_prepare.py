"""``mediaflow prepare``: what Dagster's own commands find."""

from __future__ import annotations

from support.installation import REPOSITORY, Installation


def test_dagster_gets_the_settings_of_the_deployment_and_the_sizes_of_the_pools(installation: Installation) -> None:
    settings = installation.home.parent / "dagster.yaml"
    settings.write_text((REPOSITORY / "dagster.yaml").read_text() + "\n# of the deployment\n")
    done = installation.mediaflow("prepare", MEDIAFLOW_DAGSTER_YAML=str(settings), CPU_STEPS="3")
    assert done.returncode == 0, done.stderr
    assert installation.layout.inbox.is_dir()
    assert (installation.layout.dagster / "dagster.yaml").read_text() == settings.read_text()
    with installation.instance() as instance:
        assert instance.event_log_storage.get_concurrency_info("encoding").slot_count == 3
