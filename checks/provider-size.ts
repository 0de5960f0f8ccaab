import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleSize } from './bundle-size.ts'
import { isTestFile, sourceFiles, type WorkspacePackage, workspacePackages } from './workspace.ts'

export interface ProviderSize {
  /** The folder's name; of a preset, with the preset's behind it. */
  readonly name: string
  readonly preset: boolean
  /** It speaks a dialect that is in no package of ours, and has to bring it along. */
  readonly ownDialect: boolean
  readonly files: number
  readonly lines: number
  /** Bytes of its own code, minified and gzipped. */
  readonly own: number
  /** The same with its dialect and the transport, but without `undici`, core and an SDK. */
  readonly withWire: number
  /** The same with its SDK, where it has one. */
  readonly withSdk: number
}

const apart = ['@switchyard/core', '@switchyard/core/*', 'undici']
const ours = ['@switchyard/*']
const dialectImport = /'@switchyard\/dialects\/(?!building-blocks')/

/** What each provider of the workspace takes: packages with a conformance fixture, and their presets. */
export async function providerSizes(): Promise<readonly ProviderSize[]> {
  const sizes: ProviderSize[] = []
  for (const found of workspacePackages()) {
    if (!existsSync(join(found.directory, 'src/conformance.fixture.ts'))) continue
    const presets = presetFolders(found)
    const own = sourceFiles(found).filter(({ path }) => !isTestFile(path) && !presets.some(at => path.startsWith(at)))
    sizes.push(await sizeOf(found, 'src/', own, false))
    for (const folder of presets) {
      const files = sourceFiles(found).filter(({ path }) => path.startsWith(folder) && !isTestFile(path))
      sizes.push(await sizeOf(found, folder, files, true))
    }
  }
  return sizes
}

// an entry of its own beside the package's
function presetFolders({ directory }: WorkspacePackage): readonly string[] {
  return globSync('src/*/index.ts', { cwd: directory })
    .sort()
    .filter(path => readFileSync(join(directory, path), 'utf8').includes('createProvider'))
    .map(path => path.slice(0, -'index.ts'.length))
}

async function sizeOf(
  { directory, folder, manifest }: WorkspacePackage,
  at: string,
  files: readonly { readonly text: string }[],
  preset: boolean,
): Promise<ProviderSize> {
  const entry = join(directory, at, 'index.ts')
  const sdks = Object.keys(manifest.dependencies ?? {}).filter(name => !name.startsWith('@switchyard/'))
  const withoutSdk = sdks.flatMap(name => [name, `${name}/*`])
  return {
    name: preset ? `${folder}/${at.split('/')[1]}` : folder,
    preset,
    ownDialect: !preset && !files.some(({ text }) => dialectImport.test(text)),
    files: files.length,
    lines: files.reduce((sum, { text }) => sum + text.trimEnd().split('\n').length, 0),
    own: await bundleSize(entry, [...ours, ...withoutSdk]),
    withWire: await bundleSize(entry, [...apart, ...withoutSdk]),
    withSdk: await bundleSize(entry, ours),
  }
}

/** What the sizes look like in a terminal. */
export function sizeTable(sizes: readonly ProviderSize[]): string {
  const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`
  const rows = sizes.map(({ name, files, lines, own, withWire, withSdk }) => [
    name,
    `${files}`,
    `${lines}`,
    kilobytes(own),
    kilobytes(withWire),
    kilobytes(withSdk),
  ])
  const head = ['provider', 'files', 'lines', 'own code', 'with dialect and transport', 'with SDK']
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}

if (import.meta.main) process.stdout.write(`${sizeTable(await providerSizes())}\n`)
