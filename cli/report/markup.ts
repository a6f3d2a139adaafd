/**
 * Text as it may stand in XML and HTML, between tags and in quoted attributes. Characters that XML has no way to write
 * are replaced: a report that cannot be parsed is worth nothing.
 */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"'\t\n\r]/g, (character) => escapes[character] as string)
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // parsers make blanks of these in attributes, and a line feed of CRLF everywhere
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** An element with its attributes, whose values are escaped, around markup. */
export function element(name: string, attributes: Record<string, string | number>, content = ''): string {
  const tag = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(
    ' ',
  )
  return content ? `<${tag}>${content}</${name}>` : `<${tag}/>`
}
