// What the suites use of Node's own modules, where there is none: in the web extension host.

export function ok(value: unknown, message = 'not so'): asserts value {
  if (!value) throw new Error(message)
}

export function strictEqual(actual: unknown, expected: unknown): void {
  ok(Object.is(actual, expected), `${actual} is not ${expected}`)
}

export function notStrictEqual(actual: unknown, expected: unknown): void {
  ok(!Object.is(actual, expected), `${actual} is the same`)
}

export function deepStrictEqual(actual: unknown, expected: unknown): void {
  strictEqual(JSON.stringify(actual, null, 1), JSON.stringify(expected, null, 1))
}

export function match(text: string, pattern: RegExp): void {
  ok(pattern.test(text), `${text} does not match ${pattern}`)
}

export { delay as setTimeout }

const delay = (ms: number): Promise<void> => new Promise((resolve) => globalThis.setTimeout(resolve, ms))

const none = (): never => {
  throw new Error('There are no files and processes here.')
}

export { none as appendFileSync, none as dirname, none as join, none as readFile, none as spawnSync, none as writeFile }
