import { fault } from '../field-checks.ts'

/** The model as the API's paths and bodies name it: `models/gemini-3.8-flash`. */
export function modelResource(model: string): string {
  return /^(models|tunedModels)\/./.test(model) ? model : `models/${model}`
}

/** The model's own name. */
export function modelName(resource: string): string {
  return resource.replace(/^models\//, '')
}

/**
 * Where the model is asked something; its name cannot leave its place in the path.
 * @throws {SwitchyardError} `invalid-request` for a name that would.
 */
export function modelPath(model: string, method: string): string {
  const segments = modelResource(model).split('/')
  if (segments.some(segment => segment === '.' || segment === '..'))
    throw fault('model', 'holds a path; name a model such as gemini-3.8-flash.')
  return `/${segments.map(encodeURIComponent).join('/')}:${method}`
}
