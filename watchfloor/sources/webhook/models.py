"""What came to a webhook's address: an inbox that keeps each message until the stream has taken it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Hook(models.Model):
    """The address of a webhook connection. `last_number` counts its deliveries in the order they were committed."""

    token = models.CharField(max_length=64, primary_key=True)
    connection = models.OneToOneField("sources.Connection", on_delete=models.CASCADE, related_name="hook")
    last_number = models.BigIntegerField(default=0)

    class Meta:
        app_label = "sources"


class Delivery(models.Model):
    """One message that was believed. Its id is kept so that it is taken once, however often it is sent; `body` until
    the stream has taken it."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    number = models.BigIntegerField()
    message_id = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    repeated = models.PositiveIntegerField(default=0)  # how often it came again
    posts = models.PositiveIntegerField(default=0)  # written or changed
    deleted = models.PositiveIntegerField(default=0)
    body = models.BinaryField(null=True)

    class Meta:
        app_label = "sources"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hook", "message_id"], name="a_message_is_taken_once"),
            models.UniqueConstraint(fields=["hook", "number"], name="deliveries_stand_in_order"),
        ]


class Refusal(models.Model):
    """Messages that were not believed or not understood, counted by why: strangers can't fill the table."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    status = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=500)  # of the last one
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        app_label = "sources"
        constraints: ClassVar = [models.UniqueConstraint(fields=["hook", "status"], name="refusals_are_counted")]
