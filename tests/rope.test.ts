import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { Rope } from '../engine/rope.ts'
import { TypedDocument } from '../server/typeddocument.ts'

// A text that is typed into is kept in parts: it reads as the string that it stands for, whatever was done to it.

const bit = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', '\r\n', '“', '😀'), maxLength: 12 }),
  },
  fc.nat(12_000).map((length) => 'line of text\n'.repeat(1000).slice(0, length)),
)
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  gone: fc.oneof(fc.constant(0), fc.nat(6), fc.nat(9000)),
  bit,
})
const start = fc.nat(30_000).map((length) => 'Finance\r\npays it.\n\n'.repeat(2000).slice(0, length))

describe('a rope', () => {
  test('is the string that it stands for', () => {
    const probe = fc.array(fc.double({ min: -0.1, max: 1.1, noNaN: true }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(start, fc.array(edit, { maxLength: 8 }), probe, (text, edits, places) => {
        let whole = text
        let rope = Rope.of(text)
        for (const { at, gone, bit } of edits) {
          const from = Math.floor(at * whole.length)
          const to = Math.min(whole.length, from + gone)
          const before = whole
          const last = rope
          whole = whole.slice(0, from) + bit + whole.slice(to)
          rope = rope.replace(from, to, bit)
          expect(rope.length).toBe(whole.length)
          const [one, other, ...more] = places.map((share) => Math.floor(share * whole.length)) as [number, number]
          expect(rope.slice(Math.max(0, one), Math.max(0, other))).toBe(
            whole.slice(Math.max(0, one), Math.max(0, other)),
          )
          for (const place of [one, other, from, from + bit.length, ...more]) {
            expect(rope.charCodeAt(place)).toBe(whole.charCodeAt(place))
            expect(rope.indexOf('\n', place)).toBe(whole.indexOf('\n', place))
            expect(rope.lastIndexOf('\n', place)).toBe(whole.lastIndexOf('\n', place))
          }
          // what it was made of is as it was
          expect(last.slice(0)).toBe(before)
        }
        expect(`${rope}`).toBe(whole)
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  test('copies none of what an edit leaves', () => {
    // no two leaves are alike, so that none that is cut anew elsewhere passes for one of before
    let rope = Rope.of(Array.from({ length: 200_000 }, (_, at) => `${at} `).join(''))
    const leaves = (one: Rope): readonly string[] => (one as unknown as { leaves: string[] }).leaves
    for (let at = 0; at < 3000; at++) {
      const last = new Set(leaves(rope))
      rope = rope.replace(500_000 + at, 500_000 + at, 'x')
      const news = leaves(rope).filter((leaf) => !last.has(leaf))
      expect(news.join('').length).toBeLessThan(10_000)
    }
    // nor are there ever more and more of them
    for (let at = 0; at < 3000; at++) rope = rope.replace(rope.length - 300, rope.length - 10, '')
    expect(leaves(rope).length).toBeLessThan(300)
  })
})

test('an open document has the positions of the protocol’s own', () => {
  const positions = fc.array(fc.tuple(fc.integer({ min: -1, max: 1200 }), fc.integer({ min: -1, max: 30 })), {
    minLength: 2,
    maxLength: 6,
  })
  fc.assert(
    fc.property(start, fc.array(fc.tuple(positions, bit, fc.boolean()), { maxLength: 6 }), (text, edits) => {
      const ours = new TypedDocument('file:///a.md', 'markdown', 1, text)
      const theirs = TextDocument.create('file:///a.md', 'markdown', 1, text)
      for (const [places, bit, isWhole] of edits) {
        const [one, other, ...more] = places.map(([line, character]) => ({ line, character }))
        const [start, end] = [one, other] as [{ line: number; character: number }, { line: number; character: number }]
        const change = isWhole && bit.length > 40 ? { text: bit } : { range: { start, end }, text: bit }
        ours.change(change)
        TextDocument.update(theirs, [change], 2)
        expect(ours.getText()).toBe(theirs.getText())
        expect(ours.lineCount).toBe(theirs.lineCount)
        for (const place of [start, end, ...more]) {
          expect(ours.offsetAt(place)).toBe(theirs.offsetAt(place))
          expect(ours.positionAt(place.line * 7 + place.character)).toEqual(
            theirs.positionAt(place.line * 7 + place.character),
          )
          expect(ours.getLineRange(place.line)).toEqual(theirs.getLineRange(place.line))
          expect(ours.getEOLCharacters(place.line)).toBe(theirs.getEOLCharacters(place.line))
        }
        expect(ours.getText({ start, end })).toBe(theirs.getText({ start, end }))
      }
    }),
    { numRuns: 200, seed: 7 },
  )
})
