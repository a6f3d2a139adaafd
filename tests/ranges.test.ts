import { describe, expect, test } from 'vitest'
import { folderWith } from './command.ts'
import { Editor, marks, uriIn } from './protocoleditor.ts'

// What other linters marked in the wrong place, or should not have looked at: each is a complaint from their trackers,
// by the name that docs and reviews use for it (V is Vale).

const said = 'are not our responsibility'
const sentence = `Refunds ${said}.`
/** Links and lists reach over lines, in which the words stand with what is between them. */
const brokenSaid = 'are not\nour responsibility'

/** The words that an editor underlines in a document, each as it stands there. */
async function underlined(text: string, name = 'refunds.md'): Promise<string[]> {
  const folder = await folderWith({})
  const editor = await Editor.start({ folders: [folder] })
  const document = await editor.open(uriIn(folder, name), text)
  return marks(document, await editor.pull(document)).map((mark) => mark.replace(/^disowning: /, ''))
}

describe('an editor underlines the words themselves', () => {
  test.each<[string, string, string[]]>([
    ['behind HTML entities', `Caf&eacute; &amp; shop: ${sentence}\n`, [said]],
    ['below front matter', `---\ntitle: "Refunds — what we do"\n---\n\n${sentence}\n`, [said]],
    ['twice in a quotation of several lines (V#687)', `> ${sentence}\n> Later.\n> ${sentence}\n`, [said, said]],
    ['behind inline code (V#1007)', `\`refund --all\` and \`x\`: ${sentence}\n`, [said]],
    ['behind emoji and letters beyond the first plane', `🧑‍🔧 𝓡𝓮𝓯𝓾𝓷𝓭 💶: ${sentence}\n`, [said]],
    ['in a file with CRLF', `# Refunds\r\n\r\nHello.\r\n${sentence}\r\n`, [said]],
    ['behind tabs', `-\tFirst\n\t-\t${sentence}\n`, [said]],
    ['across a soft line break (V#994)', `Refunds ${brokenSaid}.\n`, [brokenSaid]],
    ['in the text of a link', `[${sentence}](https://example.org/are-not-our-responsibility)\n`, [said]],
    ['in a cell of a table', `| Topic | Rule |\n| --- | --- |\n| Refunds | ${sentence} |\n`, [said]],
    ['in a footnote', `We pay.[^1]\n\n[^1]: ${sentence}\n`, [said]],
    ['in a list within a list (V#455)', `1. One\n   - Two\n     - ${sentence}\n`, [said]],
    ['as often as they stand (textlint ext #65)', `${sentence} ${sentence}\n\n${sentence}\n`, [said, said, said]],
  ])('%s', async (_, text, expected) => {
    expect(await underlined(text)).toEqual(expected)
  })
})

describe('an editor leaves alone what nobody says', () => {
  test.each<[string, string, string?]>([
    ['code in a list, fenced (V#1052)', `- Step:\n\n  \`\`\`sh\n  echo "${sentence}"\n  \`\`\`\n`],
    [
      'import, export and JSX in MDX',
      `import a from '${sentence}'\n\nexport const b = '${sentence}'\n\n<Note text="${sentence}" />\n`,
      'a.mdx',
    ],
    ['comments', `<!-- ${sentence} -->\n\nHello.\n`],
    [
      'where links lead (axiomhq/docs#690)',
      '[refunds](https://example.org/refunds%20are%20not%20our%20responsibility)\n',
    ],
    ['what somebody is quoted as saying', `“${sentence.slice(0, -1)}”, the clerk said, and was wrong.\n`],
    [
      'what a comment of our own says (woke #41)',
      `<!-- silolint-disable-next-line disowning -- refunds ${said} -->\n\nHello.\n`.replace(
        '-next-line disowning',
        '-file turf',
      ),
    ],
  ])('%s', async (_, text, name) => {
    expect((await underlined(text, name)).filter((mark) => !mark.startsWith('silolint/'))).toEqual([])
  })
})
