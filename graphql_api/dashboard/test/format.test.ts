import { expect, test } from "vitest";
import {
  earlier,
  grouped,
  measured,
  moment,
  monthName,
  months,
  nextMonth,
  percent,
  plain,
  today,
} from "../src/format";
import { choose } from "../src/state/choices";

test.each([
  ["0", "0"],
  ["999", "999"],
  ["1000", "1,000"],
  ["1234567.5", "1,234,567.5"],
  ["-1234", "−1,234"],
  ["12345678901234567890.123456789", "12,345,678,901,234,567,890.123456789"],
])("digits of %s are grouped, and none is lost", (decimal, shown) => {
  expect(grouped(decimal)).toBe(shown);
});

test("a value has its unit of measure; a percentage is rounded to two decimals, a count is not", () => {
  expect(measured("1100", "人次")).toBe("1,100 人次");
  expect(measured("35.21689", "%")).toBe("35.22%");
  expect(measured("0.125", "元")).toBe("0.125 元");
  expect(plain("10500.129", "元")).toBe("10,500.13");
});

test.each([
  ["people", "1 person"],
  ["classes", "1 class"],
  ["colleges", "1 college"],
  ["studios", "1 studio"],
  ["yuan", "1 yuan"],
  ["人次", "1 人次"],
])("one of %s", (unitOfMeasure, shown) => {
  expect(measured("1", unitOfMeasure)).toBe(shown);
  expect(measured("2", unitOfMeasure)).toBe(`2 ${unitOfMeasure}`);
});

test.each([
  ["0.5209", "52.1%"],
  ["1", "100%"],
  ["1.2345", "123%"],
  [0, "0%"],
])("a share of %s is %s", (share, shown) => {
  expect(percent(share)).toBe(shown);
});

test("months are named in the reader's language", () => {
  expect(monthName("2024-03")).toBe("2024年3月");
  choose({ lang: "en" });
  expect(monthName("2024-03")).toBe("2024-03");
});

test("months follow each other over the end of a year", () => {
  expect(months("2024-11", "2025-02")).toEqual(["2024-11", "2024-12", "2025-01", "2025-02"]);
  expect(months("2024-02", "2024-01")).toEqual([]);
  expect(nextMonth("2024-09")).toBe("2024-10");
  expect(earlier("2024-12", "2025-01")).toBe("2024-12");
});

test("moments are those of the zone they carry, today is that of the reader", () => {
  expect(moment("2024-05-06T09:30:00+08:00")).toBe("2024-05-06 09:30");
  expect(today(new Date(2024, 0, 5, 23, 59))).toBe("2024-01-05");
});
