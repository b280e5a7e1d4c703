// The prompt is the whole request, made by the farm's own code: nothing is rendered a second time here.
export default function prompt({ vars }) {
  return vars.request;
}
