// The licences of what is bundled, which must come with every copy of it.
import { readdirSync, readFileSync } from 'node:fs'

/**
 * One text with the name, version and licence of each package that builds took something from, by name.
 *
 * @param metafiles what esbuild tells of the builds
 * @throws {Error} where a package names no licence at all
 */
export function licencesOf(metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap((one) => Object.entries(one.inputs)))
  const taken = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
  // a package may lie within another: the last of the folders is its own
  const folders = new Set(taken.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean))
  const packages = new Map()
  for (const folder of folders) {
    const { name, version, license, author, repository } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
    if (!license) throw new Error(`${folder}/package.json names no licence: see what it is under before bundling it.`)
    const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
    // some packages leave the text out; who holds the rights and where it stands is what they give
    const where = [author?.name ?? author, repository?.url ?? repository].filter(Boolean).join(', ')
    const text = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim()).join('\n\n') || where
    packages.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${text}\n`)
  }
  const all = [...packages].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text)
  return ['Silolint contains parts of these packages, each under its own licence.\n', ...all].join(
    `\n${'-'.repeat(80)}\n\n`,
  )
}
