"""Schedules."""

import dagster as dg

from mediaflow_assets.jobs import report_month

monthly_report_schedule = dg.build_schedule_from_partitioned_job(
    report_month,
    name="monthly_report",
    description="The report of the month before, on the first of each month at 06:00.",
    hour_of_day=6,
    minute_of_hour=0,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
