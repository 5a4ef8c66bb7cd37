"""The only place that knows Dagster: assets, checks, jobs, schedules, sensors.

Every asset is a few lines that call a function of ``orchestration.refresh``. Does not belong here:
SQL, check logic, reading or writing of files.
"""
