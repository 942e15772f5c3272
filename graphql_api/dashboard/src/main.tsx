/** Starts the page. */
import { render } from "preact";
import { App } from "./App";
import { follow } from "./state/live";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/views.css";
import "./styles/wall.css";
import "./styles/print.css";

const place = document.getElementById("app");
if (place) {
  place.replaceChildren();
  render(<App />, place);
  follow();
}
