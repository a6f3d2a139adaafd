/** How a document spells: "organisation" or "organization". */
export type Variety = 'british' | 'american'

/** Beginnings of verbs in -ise and -ize, and of the nouns made from them. */
const stems =
  'apolog author capital categor central character custom emphas final formal general initial item legal local maxim minim modern normal optim organ penal personal prior real recogn reorgan special stabil standard summar util visual'
/** Words spelled apart, British first; their endings follow. */
const pairs =
  'behaviour behavior|colour color|favour favor|honour honor|labour labor|neighbour neighbor|endeavour endeavor|centre center|theatre theater|programme program|enquir inquir|licence license|fulfil fulfill|cheque check|catalogue catalog|dialogue dialog|judgement judgment|analyse analyze|travelled traveled|travelling traveling|cancelled canceled|cancelling canceling|labelled labeled|labelling labeling|modelling modeling|counsellor counselor|defence defense|offence offense|sceptic skeptic|grey gray|learnt learned'

const british = new Map<string, string>()
for (const stem of stems.split(' '))
  for (const ending of ['e', 'es', 'ed', 'er', 'ers', 'ing', 'ation', 'ations', 'ational'])
    british.set(`${stem}is${ending}`, `${stem}iz${ending}`)
for (const pair of pairs.split('|')) {
  const [one = '', other = ''] = pair.split(' ')
  for (const ending of ['', 's', 'd', 'ed', 'ing', 'y', 'ies', 'e', 'es', 'ism', 'able', 'hood'])
    british.set(one + ending, other + ending)
}
const american = new Map([...british].map(([one, other]) => [other, one]))
/** Words that the other variety has too, in another sense; they prove nothing and are not turned. */
const shared = new Set([
  'check',
  'checks',
  'checked',
  'checking',
  'program',
  'programs',
  'license',
  'dialog',
  'learned',
])
const word = /\p{L}+/gu

/** How many more words of a text are spelled the British way than the American. Linear in their length. */
export function balanceOf(text: string): number {
  let balance = 0
  for (const [found] of text.matchAll(word)) {
    const lower = found.toLowerCase()
    if (british.has(lower)) balance++
    else if (american.has(lower) && !shared.has(lower)) balance--
  }
  return balance
}

/** The spelling that more of the words have, by the sum of their balances; `undefined` where none of them tells. */
export const varietyOf = (balance: number): Variety | undefined =>
  balance > 0 ? 'british' : balance < 0 ? 'american' : undefined

/** The text in a variety's spelling. Words of `kept` stay as they are: they are the writer's own. */
export function respell(text: string, variety: Variety, kept: string): string {
  const own = new Set([...kept.matchAll(word)].map(([found]) => found.toLowerCase()))
  return text.replace(word, (found) => {
    const lower = found.toLowerCase()
    const other = variety === 'british' ? (shared.has(lower) ? undefined : american.get(lower)) : british.get(lower)
    if (other === undefined || own.has(lower)) return found
    return found[0] === lower[0] ? other : (other[0] as string).toUpperCase() + other.slice(1)
  })
}
