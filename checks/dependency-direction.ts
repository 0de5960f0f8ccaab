import { dirname, join, relative } from 'node:path'
import { type ModuleImport, moduleImports } from './module-imports.ts'
import { isTestFile, type PackageManifest, type SourceFile } from './workspace.ts'

const scope = '@switchyard/'
const contract = '@switchyard/core/contract'

interface Place {
  readonly kind: 'package' | 'app'
  readonly folder: string
}

/** Folders of a workspace that rules of their own hold for. */
export interface KnownFolders {
  readonly apps: ReadonlySet<string>
  readonly providers: ReadonlySet<string>
}

/**
 * What a package's sources import against the one direction `apps -> packages -> dialects, transport -> core`.
 * Tests may use any package, but no app, and nothing by a path out of their own package.
 */
export function misdirectedImports(place: Place, files: readonly SourceFile[], known: KnownFolders): readonly string[] {
  return files.flatMap(file =>
    moduleImports(file.text, file.path).flatMap(found => {
      const reason = objection(place, file.path, found, known)
      return reason ? [`${place.folder}/${file.path}:${found.line} imports '${found.specifier}': ${reason}`] : []
    }),
  )
}

function objection(
  place: Place,
  path: string,
  { specifier }: ModuleImport,
  { apps, providers }: KnownFolders,
): string | undefined {
  if (specifier.startsWith('.')) return relativeObjection(place, path, specifier)
  if (!specifier.startsWith(scope)) {
    if (place.folder !== 'core' || isTestFile(path)) return undefined
    return 'core has no dependency, not even on a runtime'
  }
  const target = specifier.slice(scope.length).split('/')[0] ?? ''
  if (apps.has(target) && target !== place.folder) return 'nothing imports an app'
  if (isTestFile(path)) return undefined
  if (place.folder === 'core') return 'core imports nothing of ours'
  if (place.folder === 'dialects' || place.folder === 'transport') {
    return specifier === contract ? undefined : `${place.folder} imports only ${contract}`
  }
  if (providers.has(target)) {
    return place.folder === 'config' || place.kind === 'app' ? undefined : 'no package but config imports a provider'
  }
  if (providers.has(place.folder)) {
    const allowed = specifier === contract || target === 'dialects' || target === 'transport'
    return allowed ? undefined : `a provider imports only ${contract}, dialects and transport`
  }
  return undefined
}

function relativeObjection(place: Place, path: string, specifier: string): string | undefined {
  const target = join(dirname(path), specifier)
  if (target.startsWith('..')) return 'a relative path must not leave its package'
  const leavesContract = path.startsWith('src/contract/') && relative('src/contract', target).startsWith('..')
  if (place.folder === 'core' && leavesContract && !isTestFile(path)) return 'the contract stands alone'
  return undefined
}

/** The same law for package.json: what is installed with a package. Development dependencies are free. */
export function misdirectedDependencies(
  place: Place,
  manifest: PackageManifest,
  { providers }: KnownFolders,
): readonly string[] {
  const installed = Object.keys({
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  })
  const ours = new Set(installed.filter(name => name.startsWith(scope)).map(name => name.slice(scope.length)))
  const refused = (names: readonly string[], reason: string) =>
    names.map(name => `${place.folder}/package.json depends on '${name}': ${reason}`)
  if (place.folder === 'core') return refused(installed, 'core has no dependency')
  if (place.folder === 'dialects' || place.folder === 'transport') {
    return refused(
      [...ours].filter(name => name !== 'core'),
      `of ours, ${place.folder} depends only on core`,
    )
  }
  if (providers.has(place.folder)) {
    const allowed = new Set(['core', 'dialects', 'transport'])
    return refused(
      [...ours].filter(name => !allowed.has(name)),
      'of ours, a provider depends only on core, dialects and transport',
    )
  }
  if (place.folder === 'config' || place.kind === 'app') return []
  return refused(
    [...ours].filter(name => providers.has(name)),
    'no package but config depends on a provider',
  )
}
