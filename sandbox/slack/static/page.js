// The page looks for news every two seconds. A form that someone is filling in is left alone
// until the app changes it.
const look = async () => {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const news = new DOMParser().parseFromString(await answer.text(), "text/html");
  const live = document.getElementById("live");
  const said = news.getElementById("live");
  if (live.innerHTML !== said.innerHTML) live.innerHTML = said.innerHTML;
  const modal = document.getElementById("modal");
  const asked = news.getElementById("modal");
  if (modal.dataset.view !== asked.dataset.view) modal.replaceWith(asked);
};
setInterval(look, 2000);

document.querySelector(".who select").addEventListener("change", (event) => event.target.form.submit());
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
window.scrollTo(0, document.body.scrollHeight);
