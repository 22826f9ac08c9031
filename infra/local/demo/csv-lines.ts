/**
 * Splits CSV text into records of fields (RFC 4180: commas, quotes doubled inside quotes). Written for
 * the verification alone, so that it shares no code with what it verifies.
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { field, end } = fieldAt(text, at);
    record.push(field);
    if (text[end] === ',') {
      at = end + 1;
      // A comma at the very end opens one more, empty, field.
      if (at === text.length) record.push('');
      continue;
    }
    records.push(record);
    record = [];
    at = text.startsWith('\r\n', end) ? end + 2 : end + 1;
  }
  if (record.length > 0) records.push(record);
  return records;
}

function fieldAt(text: string, start: number): { field: string; end: number } {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && !',\n\r'.includes(text.charAt(end))) end += 1;
    return { field: text.slice(start, end), end };
  }
  let field = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return { field: field + text.slice(at), end: text.length };
    field += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { field, end: quote + 1 };
    field += '"';
    at = quote + 2;
  }
}
