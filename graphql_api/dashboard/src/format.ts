/** Figures as people read them. Decimals of the API are exact texts; only ratios are rounded, for the eye. */
import { words } from "./words";

const MINUS = "−";

/** `1234567.5` as `1,234,567.5`: no digit is lost; percentages keep two decimals. */
export function grouped(decimal: string, decimals?: number): string {
  const negative = decimal.startsWith("-");
  const [whole = "", fraction = ""] = rounded(negative ? decimal.slice(1) : decimal, decimals).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${negative ? MINUS : ""}${digits}${fraction ? `.${fraction}` : ""}`;
}

function rounded(decimal: string, decimals: number | undefined): string {
  if (decimals === undefined || (decimal.split(".")[1] ?? "").length <= decimals) return decimal;
  return String(Number(Number(decimal).toFixed(decimals)));
}

/** A value with its unit of measure: `573 人次`, `35.2%`. */
export function measured(value: string, unitOfMeasure: string): string {
  if (isPercent(unitOfMeasure)) return `${grouped(value, 2)}%`;
  return `${grouped(value)} ${value === "1" ? ofOne(unitOfMeasure) : unitOfMeasure}`;
}

/** An English unit of measure as it stands behind 1: `1 person`, `1 class`; a Chinese one stays. */
function ofOne(unitOfMeasure: string): string {
  if (unitOfMeasure === "people") return "person";
  return unitOfMeasure.replace(/ies$/, "y").replace(/(ss|x|ch|sh)es$|([a-z])s$/, "$1$2");
}

/** A value without its unit of measure, as it stands in a column. */
export function plain(value: string, unitOfMeasure: string): string {
  return isPercent(unitOfMeasure) ? `${grouped(value, 2)}%` : grouped(value, 2);
}

export function isPercent(unitOfMeasure: string): boolean {
  return unitOfMeasure === "%" || unitOfMeasure === "％";
}

/** A share such as attainment: `0.5209` as `52.1%`. */
export function percent(share: string | number): string {
  const value = Number(share) * 100;
  return `${Number(value.toFixed(Math.abs(value) < 100 ? 1 : 0))}%`;
}

/** `2024-03` as the reader says it. */
export function monthName(month: string): string {
  const [year, number] = parts(month);
  return words().monthOf(year, number);
}

/** `2024-03` without its year. */
export function monthShort(month: string): string {
  return words().monthShort(parts(month)[1]);
}

function parts(month: string): [number, number] {
  return [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
}

/** The months of a span, both ends included. */
export function months(from: string, to: string): string[] {
  const found: string[] = [];
  for (let month = from; month <= to; month = nextMonth(month)) found.push(month);
  return found;
}

/** The earlier of two months. */
export function earlier(one: string, other: string): string {
  return one.localeCompare(other) < 0 ? one : other;
}

export function nextMonth(month: string): string {
  const [year, number] = parts(month);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
}

/** `2024-05-06T09:30:00+08:00` as `2024-05-06 09:30`, in the time zone it carries. */
export function moment(dateTime: string): string {
  return dateTime.slice(0, 16).replace("T", " ");
}

/** Today where the page is read, as `2024-05-06`. */
export function today(now = new Date()): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
