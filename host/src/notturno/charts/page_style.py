"""The style of the page that `notturno chart` writes. Pure text."""

PAGE = """
:root { --page: #ffffff; --ink: #1d2430; --soft: #5b6575; --grid: #e3e7ee; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #12161d; --ink: #e8ecf3; --soft: #9aa5b6; --grid: #2a3240; }
}
body { margin: 0 auto; max-width: 1000px; padding: 8px 12px; background: var(--page);
  color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 8px 0; } h2 { font-size: 18px; margin: 24px 0 4px; }
.soft { color: var(--soft); } .picture { display: block; margin: 12px 0; overflow: visible; }
.defs { position: absolute; } .refused { border-left: 4px solid #c8312b; padding-left: 10px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; font-size: 13px; }
.legend li { list-style: none; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 12px 0; font-size: 14px;
  font-variant-numeric: tabular-nums; }
td, th { padding: 4px 10px; text-align: right; border-bottom: 1px solid var(--grid); }
td:first-child, th:first-child, td:last-child, th:last-child { text-align: left; }
td:nth-child(-n+2) { white-space: nowrap; }
@media print {
  @page { margin: 14mm 12mm; }
  :root { color-scheme: only light; }
  body { max-width: none; padding: 0; } details { display: none; }
  h1, h2, h2 + p { break-after: avoid; } .picture, .legend { break-inside: avoid; }
  .picture { print-color-adjust: exact; } .legend { print-color-adjust: exact; }
}
"""
