"""Names of months and weekdays in the languages that dates are read in."""

from __future__ import annotations

_MONTHS = (
    "jan january januar janvier janv enero ene gennaio gen januari janeiro jän jänner",
    "feb february februar février fevrier févr fév febrero febbraio februari fevereiro fev",
    "mar march märz mrz maerz mär mars marzo maart mrt março marco",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag mei maio",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august août aout agosto ago augustus",
    "sep sept september septembre septiembre settembre set setembro",
    "oct october oktober okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
MONTH_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_WEEKDAYS = (
    "mon monday mo montag lundi lun lunes lunedì maandag ma segunda",
    "tue tues tuesday di dienstag mardi martes martedì dinsdag terça",
    "wed wednesday mi mittwoch mercredi miércoles mercoledì woensdag wo quarta",
    "thu thur thurs thursday do donnerstag jeudi jueves giovedì donderdag quinta",
    "fri friday fr freitag vendredi viernes venerdì vrijdag sexta",
    "sat saturday sa samstag sonnabend samedi sábado sabato zaterdag",
    "sun sunday so sonntag dimanche domingo domenica zondag",
)
WEEKDAY_OF = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
