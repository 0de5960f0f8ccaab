import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type DialectChoice, dialects } from './dialects.ts'
import { type ProviderName, providerName, renamed, UsageError } from './provider-name.ts'

const templates = join(import.meta.dirname, '../template')

export interface ProviderChoice {
  readonly name: string
  /** A key of `dialects`. */
  readonly dialect: string
  /** Where its API begins; an address that leads nowhere by default. */
  readonly baseURL?: string | undefined
}

/**
 * Writes a package for a provider into a workspace, and a changeset for it.
 *
 * @returns the paths of the files, from the workspace's root.
 * @throws {UsageError} for a name, a dialect or an address that cannot be, and before anything there would be written over.
 */
export function writeProvider(root: string, { name: given, dialect, baseURL }: ProviderChoice): readonly string[] {
  const name = providerName(given)
  const choice = Object.hasOwn(dialects, dialect) ? dialects[dialect] : undefined
  if (choice === undefined) {
    throw new UsageError(`There is no dialect "${dialect}". Choose one of ${Object.keys(dialects).join(', ')}.`)
  }
  if (baseURL !== undefined && !isAddress(baseURL)) {
    throw new UsageError(`"${baseURL}" is no address: write it like https://api.acme.example/v1.`)
  }
  refuseTaken(root, name)
  const files = packageFiles(name, choice, baseURL)
  for (const path of files.keys()) {
    if (existsSync(join(root, path))) throw new UsageError(`${path} is there already, and nothing is written over it.`)
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { flag: 'wx' })
  }
  return [...files.keys()]
}

function isAddress(text: string): boolean {
  return /^https?:\/\/[^\s'"`\\|]+$/.test(text) && URL.canParse(text)
}

function refuseTaken(root: string, { kebab }: ProviderName): void {
  if (existsSync(join(root, 'packages', kebab))) {
    throw new UsageError(`packages/${kebab} is there already: choose another name, or remove it first.`)
  }
  const [preset] = globSync(`packages/*/src/${kebab}/index.ts`, { cwd: root })
  if (preset !== undefined) throw new UsageError(`${dirname(preset)} is a provider of that name already.`)
  const manifests = globSync(['{packages,apps,examples,tools}/*/package.json', '*/package.json'], { cwd: root })
  const taken = manifests.find(
    path => JSON.parse(readFileSync(join(root, path), 'utf8')).name === `@switchyard/${kebab}`,
  )
  if (taken !== undefined) throw new UsageError(`${dirname(taken)} has the name @switchyard/${kebab} already.`)
}

function packageFiles(
  name: ProviderName,
  { replacements, overlay }: DialectChoice,
  baseURL: string | undefined,
): ReadonlyMap<string, string> {
  const template = new Map(templateFiles('provider'))
  for (const [path, changes] of Object.entries(replacements)) {
    for (const [from, to] of changes) template.set(path, replaced(template.get(path) ?? '', from, to, path))
  }
  if (overlay !== undefined) for (const [path, text] of templateFiles(overlay)) template.set(path, text)
  const files = new Map<string, string>()
  for (const [path, text] of template) {
    const place = path === 'changeset.md' ? `.changeset/${name.kebab}-provider.md` : `packages/${name.kebab}/${path}`
    const addressed = baseURL === undefined ? text : text.replace(placeholder, () => baseURL.replace(/\/+$/, ''))
    files.set(place, renamed(addressed, name))
  }
  return files
}

const placeholder = /https:\/\/api\.acme-cloud\.example(\/[\w/]+)?/g

function templateFiles(folder: string): readonly (readonly [path: string, text: string])[] {
  const directory = join(templates, folder)
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const path = join(entry.parentPath, entry.name)
      // not named as what they become, so that no tool takes the template for a package
      return [path.slice(directory.length + 1).replace('.template.', '.'), readFileSync(path, 'utf8')] as const
    })
}

function replaced(text: string, from: string, to: string, path: string): string {
  if (!text.includes(from)) throw new Error(`The template's ${path} does not say: ${from}`)
  return text.replaceAll(from, to)
}
