import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url))

export interface PackageManifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface WorkspacePackage {
  readonly kind: 'package' | 'app'
  /** the folder's name: "core" */
  readonly folder: string
  /** absolute */
  readonly directory: string
  readonly manifest: PackageManifest
}

export function workspacePackages(root = repositoryRoot): readonly WorkspacePackage[] {
  return globSync('{packages,apps}/*/package.json', { cwd: root })
    .sort()
    .map(path => {
      const directory = join(root, path, '..')
      const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as PackageManifest
      return { kind: path.startsWith('apps') ? 'app' : 'package', folder: basename(directory), directory, manifest }
    })
}

export function publicPackages(root = repositoryRoot): readonly WorkspacePackage[] {
  return workspacePackages(root).filter(({ manifest }) => manifest.private !== true)
}

/** The folders of packages that are providers: their index exports `createProvider`, as configurations load it. */
export function providerFolders(packages = workspacePackages()): ReadonlySet<string> {
  const exporting = packages.filter(({ kind, directory }) => {
    const index = join(directory, 'src/index.ts')
    return kind === 'package' && existsSync(index) && exportsProvider.test(readFileSync(index, 'utf8'))
  })
  return new Set(exporting.map(({ folder }) => folder))
}

const exportsProvider = /^export [^\n]*\bcreateProvider\b|^export (type )?\{[^}]*\bcreateProvider\b/m

export interface SourceFile {
  /** relative to the package: "src/index.ts" */
  readonly path: string
  readonly text: string
}

export function sourceFiles({ directory }: WorkspacePackage): readonly SourceFile[] {
  return globSync('{src,test}/**/*.{ts,tsx}', { cwd: directory })
    .sort()
    .filter(path => existsSync(join(directory, path)))
    .map(path => ({ path, text: readFileSync(join(directory, path), 'utf8') }))
}

/** Tests, and what only they import. */
export function isTestFile(path: string): boolean {
  return path.startsWith('test/') || /\.(test|fixture)\.tsx?$/.test(path)
}
