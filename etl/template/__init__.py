"""The reporting form: one workbook a unit and month, to be filled in and sent back.

What belongs here: the form's sheets, made of the catalog (``workbook``), its files (``writing``), and the
words that only it uses (``words.yaml``). What does not: reading what comes back (``etl.intake``), invented
rows (``etl.sample``, which fills in the same form).
"""

from etl.template.workbook import TemplateError, template_workbook
from etl.template.writing import FilesExist, file_name, write_template, write_templates

__all__ = [
    "FilesExist",
    "TemplateError",
    "file_name",
    "template_workbook",
    "write_template",
    "write_templates",
]
