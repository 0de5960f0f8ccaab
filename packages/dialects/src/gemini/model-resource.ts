/** The model as the API's paths and bodies name it: `models/gemini-3.8-flash`. */
export function modelResource(model: string): string {
  return /^(models|tunedModels)\/./.test(model) ? model : `models/${model}`
}

/** The model's own name. */
export function modelName(resource: string): string {
  return resource.replace(/^models\//, '')
}

/** Where the model is asked something; its name cannot leave its place in the path. */
export function modelPath(model: string, method: string): string {
  return `/${modelResource(model).split('/').map(encodeURIComponent).join('/')}:${method}`
}
