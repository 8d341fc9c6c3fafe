"""Schedules."""

from datetime import timedelta

import dagster as dg

from mediaflow_assets.jobs import report_month


@dg.schedule(
    job=report_month,
    name="monthly_report",
    cron_schedule="0 6 1 * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The report of the month before, on the first of each month at 06:00 UTC.",
)
def monthly_report_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """The month that has just ended.

    Dagster's own schedule of a partitioned job would take the newest partition, which is the month
    that has just begun: the running month has a partition, so that its report can be made by hand.
    """
    ended = context.scheduled_execution_time.replace(day=1) - timedelta(days=1)
    month = f"{ended:%Y-%m}-01"
    return dg.RunRequest(run_key=month, partition_key=month)
