/**
 * English word forms, made from the base word of a pattern. Making forms is safer than guessing
 * bases from running text: a form that does not exist never occurs, while a wrongly guessed base
 * ("thing" from "the") would raise a false alarm.
 */

/** Which forms of a word a pattern accepts; `any` when the pattern does not say. */
export type Form = 'any' | 'base' | 's' | 'ed' | 'ing' | 'exact'

/** Verbs whose past forms follow no rule: base, past, past participle (where they differ). */
const irregularVerbs: Record<string, [past: string, participle: string]> = Object.fromEntries(
  `arise arose arisen|bear bore borne|become became become|begin began begun|bend bent bent|bind bound bound|bite bit bitten|
blow blew blown|break broke broken|bring brought brought|build built built|buy bought bought|catch caught caught|
choose chose chosen|cling clung clung|come came come|cost cost cost|cut cut cut|deal dealt dealt|dig dug dug|do did done|
draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed fed|feel felt felt|
fight fought fought|find found found|flee fled fled|fling flung flung|fly flew flown|forbid forbade forbidden|
forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|get got gotten|give gave given|go went gone|
grow grew grown|hang hung hung|have had had|hear heard heard|hide hid hidden|hit hit hit|hold held held|hurt hurt hurt|
keep kept kept|know knew known|lay laid laid|lead led led|learn learnt learnt|leave left left|lend lent lent|let let let|
lie lay lain|light lit lit|lose lost lost|make made made|mean meant meant|meet met met|pay paid paid|put put put|
quit quit quit|read read read|ride rode ridden|ring rang rung|rise rose risen|run ran run|say said said|see saw seen|
seek sought sought|sell sold sold|send sent sent|set set set|shake shook shaken|shed shed shed|shoot shot shot|
show showed shown|shut shut shut|sing sang sung|sink sank sunk|sit sat sat|sleep slept slept|slide slid slid|
sling slung slung|speak spoke spoken|spend spent spent|spin spun spun|split split split|spread spread spread|
spring sprang sprung|stand stood stood|steal stole stolen|stick stuck stuck|strike struck struck|string strung strung|
swear swore sworn|sweep swept swept|swing swung swung|take took taken|teach taught taught|tear tore torn|tell told told|
think thought thought|throw threw thrown|understand understood understood|wake woke woken|wear wore worn|win won won|
wind wound wound|withdraw withdrew withdrawn|write wrote written|foresee foresaw foreseen|oversee oversaw overseen|
overcome overcame overcome|undertake undertook undertaken|undo undid undone|redo redid redone|rewrite rewrote rewritten|
reset reset reset|resell resold resold|withhold withheld withheld|mistake mistook mistaken|outgrow outgrew outgrown`
    .split('|')
    .map((line) => {
      const [base = '', past = '', participle = ''] = line.trim().split(' ')
      return [base, [past, participle]]
    }),
)

/** Words whose forms are listed in full because no rule makes them. */
const listedForms: Record<string, Partial<Record<Exclude<Form, 'any' | 'exact'>, string[]>>> = {
  be: { base: ['be', 'am', 'are'], s: ['is', "'s"], ed: ['was', 'were', 'been'], ing: ['being'] },
  have: { base: ['have'], s: ['has'], ed: ['had'], ing: ['having'] },
  do: { base: ['do'], s: ['does'], ed: ['did', 'done'], ing: ['doing'] },
  person: { base: ['person'], s: ['people', 'persons'] },
  child: { base: ['child'], s: ['children'] },
  man: { base: ['man'], s: ['men'] },
  woman: { base: ['woman'], s: ['women'] },
  die: { base: ['die'], s: ['dies'], ed: ['died'], ing: ['dying'] },
  lie: { base: ['lie'], s: ['lies'], ed: ['lay', 'lain', 'lied'], ing: ['lying'] },
}

/** Words that have one form only; inflecting them would make other words ("us" → "used"). */
const closedClass = new Set(
  `a an the this that these those i you he she it we they me him her us them my your his its our their mine yours hers ours
theirs myself yourself himself herself itself ourselves yourselves themselves who whom whose which what where when why how
and or but nor so yet if unless until while because although though as than of to in on at by for from with without within
into onto upon over under out off up down about above below after before between through across against along around
behind beside beyond during except inside near outside past per since toward towards via not no never only just even also
too very more most less least much many few all any both each either every neither none some such other another will would
shall should can could may might must cannot is are was were been being am has had does did done anyone anybody anything
everyone everybody everything someone somebody something nobody nothing else here there then now once again always often
ever still already back away ago alone same one two three first second last next straight please longer
's s t d`
    .split(/\s+/)
    .filter(Boolean),
)

/** Small words that stand in every second sentence. */
const mostCommon = new Set(
  `the a an of to in on at by for from with as and or but if that this these those it he she we you they i be is are was were
not have has had do does did will would can could shall should may might must who which what when where how there so 's`
    .split(/\s+/)
    .filter(Boolean),
)

/** How little it tells to find a word: 1000 for the small words of every sentence, 30 for other small words, else 1. */
export const commonness = (word: string): number => (mostCommon.has(word) ? 1000 : isCommon(word) ? 30 : 1)

/** Whether a word in small letters is a word of its own besides the one in capitals ("it", "us"). */
export const isCommon = (word: string): boolean => closedClass.has(word) || Object.hasOwn(listedForms, word)

function withS(word: string): string[] {
  if (/[^aeiou]y$/.test(word)) return [`${word.slice(0, -1)}ies`]
  if (/(s|x|z|ch|sh)$/.test(word)) return [`${word}es`]
  if (/[^aeiou]o$/.test(word)) return [`${word}es`, `${word}s`]
  if (/(lf|[^f]fe)$/.test(word)) return [`${word}s`, `${word.replace(/fe?$/, 'ves')}`]
  return [`${word}s`]
}

/** Verbs of several syllables that double their last letter, stressed there or ending in the -l of British English. */
const doubles = /(?:[aeiou]l|[^f]fer|cur|deter|(?<!li|vo)mit|forget|(?:up|re|off|in)set|regret|equip|begin)$/

/** The stem before -ed and -ing, with and without a doubled consonant: "travelled", "traveled"; the usual one first. */
function stems(word: string): string[] {
  if (/[^aeiou][aeiou][bdgklmnprtv]$/.test(word)) {
    const doubled = word + word.at(-1)
    if (/^[^aeiou]*[aeiou][^aeiou]$/.test(word)) return [doubled]
    return doubles.test(word) ? [doubled, word] : [word, doubled]
  }
  return [word]
}

function withEd(word: string): string[] {
  const irregular = Object.hasOwn(irregularVerbs, word) ? irregularVerbs[word] : undefined
  if (irregular) {
    const forms = [...new Set(irregular)]
    // both "learnt" and "learned", "got" and "gotten" are in use
    return word === 'learn' ? [...forms, 'learned'] : forms
  }
  if (word.endsWith('e')) return [`${word}d`]
  if (/[^aeiou]y$/.test(word)) return [`${word.slice(0, -1)}ied`]
  return stems(word).map((stem) => `${stem}ed`)
}

function withIng(word: string): string[] {
  if (/ie$/.test(word)) return [`${word.slice(0, -2)}ying`]
  if (/[^eoy]e$/.test(word)) return [`${word.slice(0, -1)}ing`]
  return stems(word).map((stem) => `${stem}ing`)
}

/** British and American spellings of a word, itself first. Wrong guesses are harmless: nobody writes them. */
export function spellings(word: string): string[] {
  // "our" is never the American "or"
  if (closedClass.has(word)) return [word]
  const found = new Set([word])
  const add = (pattern: RegExp, other: string) => {
    if (pattern.test(word)) found.add(word.replace(pattern, other))
  }
  add(/is(e|ed|es|ing|ation|ations|er|ers)$/, 'iz$1')
  add(/iz(e|ed|es|ing|ation|ations|er|ers)$/, 'is$1')
  add(/yse(d|s)?$/, 'yze$1')
  add(/yze(d|s)?$/, 'yse$1')
  // a vowel before it: "colour", never "four" or "hour"
  add(/(?<=[aeiou].*)our(s|ed|ing|al|able|ful|ite)?$/, 'or$1')
  add(/^(behavi|col|fav|hon|lab|neighb|end|harb|hum|rum|vig)or/, '$1our')
  add(/^(cent|met|lit|theat)re(s)?$/, '$1er$2')
  add(/^(cent|lit|theat)er(s)?$/, '$1re$2')
  add(/ence(s)?$/, 'ense$1')
  add(/^(def|off|lic|pret)ense(s)?$/, '$1ence$2')
  add(/^(travel|counsel|cancel|label|level|model|signal|total|jewel|fuel|dial)l(er|or|ing|ed)(s)?$/, '$1$2$3')
  add(/^(travel|counsel|cancel|label|level|model|signal|total|jewel|fuel|dial)(er|or|ing|ed)(s)?$/, '$1l$2$3')
  add(/^enquir/, 'inquir')
  add(/^inquir/, 'enquir')
  add(/^programme/, 'program')
  add(/^program(s)?$/, 'programme$1')
  add(/^cheque/, 'check')
  add(/^scep/, 'skep')
  add(/^skep/, 'scep')
  add(/judgement/, 'judgment')
  add(/fulfil(?!l)/, 'fulfill')
  add(/fulfill/, 'fulfil')
  return [...found]
}

/** All forms of a base word that a pattern with `form` accepts, in lower case, both spellings. */
export function inflect(base: string, form: Form = 'any'): readonly string[] {
  if (form === 'exact') return [base]
  // patterns name the same few thousand words again and again
  const key = `${base}+${form}`
  let forms = inflected.get(key)
  if (!forms) {
    forms = formsOf(base, form)
    inflected.set(key, forms)
  }
  return forms
}
const inflected = new Map<string, readonly string[]>()

function formsOf(base: string, form: Form): string[] {
  const word = base.toLowerCase()
  const forms = new Set<string>()
  for (const one of spellings(word)) {
    const listed = Object.hasOwn(listedForms, one) ? listedForms[one] : undefined
    if (listed) {
      for (const [name, words] of Object.entries(listed))
        if (form === 'any' || form === name) for (const w of words) forms.add(w)
      continue
    }
    if (closedClass.has(one) || !/^[a-z]{2,}$/.test(one)) {
      forms.add(one)
      continue
    }
    if (form === 'any' || form === 'base') forms.add(one)
    if (form === 'any' || form === 's') for (const w of withS(one)) forms.add(w)
    if (form === 'any' || form === 'ed') for (const w of withEd(one)) forms.add(w)
    if (form === 'any' || form === 'ing') for (const w of withIng(one)) forms.add(w)
  }
  return [...forms]
}

/** The form in which `word` stands of its base, `undefined` when it is no form of it. */
export function formOf(word: string, base: string): Exclude<Form, 'any' | 'exact'> | undefined {
  const lower = word.toLowerCase()
  return (['base', 's', 'ing', 'ed'] as const).find((form) => inflect(base, form).includes(lower))
}

/** The word in one form, as a rewrite puts it; `past` tells simple past from participle ("threw", "thrown"). */
export function conjugate(base: string, form: Exclude<Form, 'any' | 'exact'>, past = false): string {
  if (form === 'base' || closedClass.has(base)) return base
  if (form === 's') return (listedForms[base]?.s ?? withS(base))[0] ?? base
  if (form === 'ing') return (listedForms[base]?.ing ?? withIng(base))[0] ?? base
  const irregular = Object.hasOwn(irregularVerbs, base) ? irregularVerbs[base] : undefined
  if (base === 'get') return 'got'
  if (irregular) return irregular[past ? 0 : 1]
  if (listedForms[base]) return listedForms[base].ed?.[past ? 0 : (listedForms[base].ed.length ?? 1) - 1] ?? base
  return withEd(base)[0] ?? base
}

/** Regular verbs that rewrites use after "and"; irregular ones are known already. */
const regularVerbs = new Set(
  `agree answer arrange ask book call check confirm connect contact copy decide deliver discuss explain fix follow help hand
handle introduce invite join kick list listen look mention move name note offer open own pass plan phone post publish record
refer remain repeat reply report return review share show sign solve sort start stay step support talk test thank track
transfer turn update use visit wait walk want welcome work need promise raise route escalate assign send forward belong admit`
    .split(/\s+/)
    .filter(Boolean),
)

/** Whether a word has other forms than itself; "and" and "our" have none. */
export const isInflected = (word: string): boolean => !closedClass.has(word)

/** Whether a word is a verb that a rewrite may inflect. */
export const isVerb = (word: string): boolean =>
  Object.hasOwn(irregularVerbs, word) || Object.hasOwn(listedForms, word) || regularVerbs.has(word)
