// Asks the gateway as the farm does: one request, no retries.
export default class GatewayProvider {
  id() {
    return "gateway:triage";
  }

  async callApi(prompt) {
    const response = await fetch(new URL("/v1/messages", process.env.FARM_GATEWAY_URL), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        "x-api-key": process.env.FARM_GATEWAY_KEY,
      },
      body: prompt,
    });
    const text = await response.text();
    if (!response.ok) {
      return { error: `the gateway answered ${response.status}: ${text.slice(0, 300)}` };
    }
    const message = JSON.parse(text);
    const usage = message.usage;
    const read = usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
    return {
      output: message.content.filter((block) => block.type === "text").map((block) => block.text).join(""),
      tokenUsage: { prompt: read, completion: usage.output_tokens, total: read + usage.output_tokens },
      cost: Number(response.headers.get("x-litellm-response-cost") ?? 0),
    };
  }
}
