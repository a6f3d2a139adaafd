import { describe, expect, test } from 'vitest'
import { automatonOf } from '../engine/automaton.ts'
import type { Block } from '../engine/block.ts'
import { Lexicon } from '../engine/lexicon.ts'
import { PhraseError, parsePhrase } from '../engine/phrase.ts'
import { readText } from '../engine/text.ts'
import { tokenise } from '../engine/tokens.ts'

const entriesOf = (texts: string[]) => texts.map((text) => ({ pattern: parsePhrase(text) }))
const vocabularies = new Map([
  ['team', entriesOf(['IT', 'finance', 'the … team', 'help desk'])],
  ['send', entriesOf(['send', 'pass on', 'hand … over'])],
])

/** What a phrase finds in a text, as the words found. */
function find(phrase: string, text: string): string[] {
  const lexicon = new Lexicon()
  const match = automatonOf(lexicon, vocabularies, [[0, parsePhrase(phrase)]])
  const [block] = readText(text).blocks as [Block]
  const tokens = tokenise(block, lexicon)
  return tokens.sentences
    .slice(0, -1)
    .flatMap((from, index) =>
      match(tokens, from, tokens.sentences[index + 1] as number).map(({ from, to }) =>
        block.prose.slice(tokens.start[from], tokens.end[to - 1]),
      ),
    )
}

describe('a phrase as a policy writer writes it', () => {
  test.each([
    [
      'words match in all their inflections',
      'throw it',
      ['throws it', 'threw it', 'thrown it', 'throwing it'],
      ['throne it'],
    ],
    [
      'regular and doubled forms',
      '(refer / try / stop / carry on)',
      ['referred', 'tries', 'tried', 'stopping', 'carried on'],
      ['refuse', 'stoppable'],
    ],
    ['a comma that may be left out', 'stop ,? wait', ['stop, wait', 'stop wait'], ['stop; wait']],
    ['plurals, regular and not', 'responsibility/person', ['responsibilities', 'people'], ['responsible']],
    [
      'British and American spelling',
      'organise/colour/enquiry',
      ['organizing', 'organised', 'colored', 'inquiries'],
      ['organ'],
    ],
    [
      'any form of be, shortened too',
      'be not ours',
      ['is not ours', "isn't ours", 'are not ours', 'weren’t ours'],
      ['not ours'],
    ],
    ['cannot and can not', 'can not help', ['cannot help', "can't help", 'can not help'], ['can help']],
    ['a/b either', 'kick/bounce back/out', ['kicked back', 'bounces out'], ['kicks off']],
    [
      'x? optional',
      'close the? old? ticket',
      ['close ticket', 'closes the ticket', 'closed the old ticket'],
      ['close this ticket'],
    ],
    [
      'groups with alternatives of several words',
      '(wash our hands / look away) of it',
      ['wash our hands of it', 'looks away of it'],
      ['wash it'],
    ],
    [
      'a gap of up to eight words',
      'pass … on',
      ['pass on', 'passes the old file on', 'pass one two three four five six seven eight on'],
      ['pass one two three four five six seven eight nine on'],
    ],
    [
      'a gap stops at punctuation and subordinators',
      'pass … on',
      [],
      ['pass it, on', 'pass it if on', 'pass it (on', 'pass it which is on'],
    ],
    [
      'a vocabulary',
      'ask $team',
      ['ask IT', 'asked finance', 'ask the data team', 'asks help desk'],
      ['ask it', 'ask Fred'],
    ],
    ['a word in capitals stands for capitals only', 'IT', ['IT'], ['it', 'It']],
    [
      'a word in small letters stands for capitals too',
      '(hr / HR) desk',
      ['HR desk', 'hr desk', 'Hr desk'],
      ['her desk'],
    ],
    ['be is also what is left of it', 'be not ours', ['That’s not ours', "it's not ours"], []],
    ['one form of a word', 'be send+ed', ['is sent', 'were sent'], ['is sending', 'is send']],
    [
      'one form of a vocabulary',
      'be $send+ed',
      ['is sent', 'was passed on', 'are handed all of it over'],
      ['is passing on'],
    ],
    ['exact words', '"needs" care', ['needs care'], ['need care', 'needed care']],
    [
      'not followed by',
      'hand over !(the? keys)',
      ['hand over it', 'hands over'],
      ['hand over the keys', 'handed over keys'],
    ],
    ['the start of a clause', '^ ask', ['ask me', 'Wait, ask', 'go and ask', 'if asked'], ['they ask', 'to ask']],
    ['the end of a clause', 'ask .', ['we ask.', 'we asked, then', 'ask'], ['ask me']],
    ['punctuation', 'no, ask', ['no, ask'], ['no ask']],
    ['hyphens part words silently', 'hand off', ['hand-off', 'hands off', 'Hand-Off'], ['hand, off']],
    [
      'a genitive that may be left out',
      "ask $team's? advice",
      ["ask finance's advice", 'ask finance advice'],
      ['ask advice'],
    ],
    ['genitives', "$team's job", ["finance's job", 'IT’s job'], ['finance job']],
    [
      'numbers, names and participles',
      '$number $participle $name',
      ['3 signed Field Services', '10 copied Marta'],
      ['three signed Marta', '3 sign Marta'],
    ],
  ])('%s: %s', (_, phrase, hits, misses) => {
    for (const text of hits) expect([text, find(phrase, text).length], text).toEqual([text, 1])
    for (const text of misses) expect([text, find(phrase, text).length], text).toEqual([text, 0])
  })

  test('finds the longest reading from each start, and each place', () => {
    expect(find('pass … on?', 'We pass it. They pass it on.')).toEqual(['pass it', 'pass it on'])
  })

  test('does not reach over the end of a sentence, and knows abbreviations', () => {
    expect(find('pass … on', 'We pass it. On Monday we rest.')).toEqual([])
    expect(find('pass … on', 'We pass it, e.g. on Monday.')).toEqual([])
    expect(find('pass … on', 'We pass approx. two files on.')).toEqual(['pass approx. two files on'])
    expect(find('decision stands', 'May I ask? No. The decision stands.')).toEqual(['decision stands'])
    expect(find('form … keep', 'Form No. 5 we keep.')).toEqual(['Form No. 5 we keep'])
  })
})

describe('a phrase that cannot be read says where and what to do', () => {
  test.each([
    ['', 'the phrase is empty', 0],
    ['throw (over', 'a group is not closed', 6],
    ['throw over)', 'a ) without its (', 10],
    ['ask $', '$ without the name of a vocabulary', 4],
    ['say (buy into/see it)', 'words and a / without blanks stand side by side in one group', 4],
    ['be an? excuse', '"an?" leaves out "a"', 3],
    ['send+en it', 'no such word form', 4],
    ['say "no', 'a quotation is not closed', 4],
    ['… x?', 'the phrase has no word that must occur', 0],
    ['pay #now', 'unexpected character', 4],
    ['('.repeat(30), 'groups are nested too deep', 20],
  ])('%s', (phrase, problem, at) => {
    try {
      parsePhrase(phrase)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(PhraseError)
      expect(error).toMatchObject({ message: problem, at })
      expect((error as PhraseError).cure).not.toBe('')
    }
  })
})
