// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code docs/openapi.yaml}, which every answer has to fit. */
final class ApiDocument {

  private static final String BASE = "/exapps/app_api";

  private final OpenAPIContract contract;
  private final ResponseValidator validator;

  ApiDocument(Vertx vertx) {
    var file = Path.of(System.getProperty("harp.root", ".."), "docs", "openapi.yaml");
    try {
      contract =
          OpenAPIContract.from(vertx, file.toAbsolutePath().toString()).await(30, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("docs/openapi.yaml was not read", late);
    }
    validator = ResponseValidator.create(vertx, contract);
  }

  List<Operation> operations() {
    return contract.operations();
  }

  /**
   * Fails unless the document allows this answer; paths and methods without an order are not in it.
   */
  void check(String method, String path, ControlAnswer answer) throws TimeoutException {
    if (answer.status() == 405 || method.equals("HEAD")) {
      return;
    }
    var operation = contract.findOperation(BASE + path, HttpMethod.valueOf(method));
    if (operation == null) {
      if (answer.status() != 404) {
        throw new AssertionError("not in docs/openapi.yaml: " + method + " " + path);
      }
      return;
    }
    if (operation.getResponse(answer.status()) == null) {
      throw new AssertionError(
          "status " + answer.status() + " of " + method + " " + path + " is not in the document");
    }
    var contentType = answer.headers().getOrDefault("content-type", "").replaceFirst(";.*", "");
    var documented = operation.getResponse(answer.status()).getContent();
    if (contentType.isEmpty() != documented.isEmpty()
        || !contentType.isEmpty() && !documented.containsKey(contentType)) {
      throw new AssertionError(
          "content type '" + contentType + "' of " + answer.status() + " is not in the document");
    }
    if (contentType.equals("application/json")) {
      validator
          .validate(
              ValidatableResponse.create(answer.status(), answer.body(), contentType),
              operation.getOperationId())
          .await(30, TimeUnit.SECONDS);
    }
  }
}
