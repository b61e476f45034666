"""Patients of the doctor: a healthy box, and what can be wrong with it. PURE."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance.config.model import Document
from appliance.config.presets import factory_document
from appliance.doctor.finding import Finding, Patient
from tests.commands.stand_in import REGISTRATIONS, STATUS, TRUNKS


def running(folder: Path, **answers: Any) -> Patient:
    """A box whose daemon answers."""
    told = {"status": STATUS, "trunks": TRUNKS, "registrations": REGISTRATIONS} | answers
    return Patient(data=folder, document=factory_document(), answers=told)


def stopped(folder: Path, document: Document | None = None, **ports: Any) -> Patient:
    """A box whose daemon is down."""
    return replace(Patient(data=folder, document=document), **ports)


def keys(findings: list[Finding]) -> list[str]:
    return [f"{f.level.value} {f.key}" for f in findings]
